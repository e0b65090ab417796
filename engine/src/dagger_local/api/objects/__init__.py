"""The API's object types, a class each: frozen values whose methods are the type's fields."""
