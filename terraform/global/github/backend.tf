# Bucket, key and region differ between teams: terraform init -backend-config=bucket=… -backend-config=key=… -backend-config=region=…
terraform {
  backend "s3" {
    encrypt      = true
    use_lockfile = true
  }
}
