"""What our node itself says in its log: drafts examined, published, relisted."""
