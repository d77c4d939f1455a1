"""Where relief 信用修复 ends what was kept: erasure, ended grounds, suppression keys."""
