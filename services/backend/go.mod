module github.com/acme/myapp/services/backend

go 1.24
