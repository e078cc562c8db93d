"""Companies: the names and rules of their API, what is stored of them, and how they are answered."""
