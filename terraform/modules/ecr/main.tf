# A repository for one image in one environment. ECR refuses to delete it while it holds images.
resource "aws_ecr_repository" "this" {
  #checkov:skip=CKV_AWS_136:Encrypted either way; layers are mounted only between repositories with the same key
  region               = var.region
  name                 = var.name
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = var.kms_key_arn == null ? "AES256" : "KMS"
    kms_key         = var.kms_key_arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  count = var.lifecycle_policy == null ? 0 : 1

  region     = var.region
  repository = aws_ecr_repository.this.name
  policy     = var.lifecycle_policy
}

resource "aws_ecr_repository_policy" "this" {
  count = var.repository_policy == null ? 0 : 1

  region     = var.region
  repository = aws_ecr_repository.this.name
  policy     = var.repository_policy
}
