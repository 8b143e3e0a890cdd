"""What the methods are made of: shared arithmetic and rules, told of where they are used."""
