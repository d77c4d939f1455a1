"""What a file or table says, compared with what was published before."""
