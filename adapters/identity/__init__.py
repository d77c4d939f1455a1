"""The city's identity provider 统一身份认证, asked over HTTPS."""
