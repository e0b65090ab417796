output "roles" {
  description = "The ARNs of the roles; global/github hands them to the workflows."
  value       = { for key, role in aws_iam_role.this : key => role.arn }
}
