output "repositories" {
  description = "The addresses of the repositories, by environment/service."
  value       = { for key, repository in module.repository : key => repository.url }
}
