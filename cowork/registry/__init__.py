"""What exists and where: packs, skills and the catalogue, found and searched. Never changes a pack."""
