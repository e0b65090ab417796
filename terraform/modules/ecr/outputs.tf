output "url" {
  description = "The repository's address, without a tag."
  value       = aws_ecr_repository.this.repository_url
}
