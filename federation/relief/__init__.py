"""Relief 信用修复: exits and terms, and what of an erased listing is kept."""
