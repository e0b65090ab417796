"""Dagger's GraphQL API: schema first, lazy recipes behind it, one resolver for all fields."""
