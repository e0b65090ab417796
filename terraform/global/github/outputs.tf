output "environments" {
  description = "The GitHub Environments with their gates and the role that their jobs assume."
  value       = local.environments
}
