"""Relief 信用修复: exits and terms, and what is kept. What ends a copy: `life.settling`."""
