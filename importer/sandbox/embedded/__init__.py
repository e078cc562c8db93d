"""What answers carry inside of them: users, spaces, clients, contacts, projects and countries."""
