"""The Model Context Protocol: an assistant asks the store, over standard input and output.

`service` answers without any protocol: tools by name and arguments, resources by address. `protocol` alone imports the
SDK, which is the extra ``terminology-server[mcp]``, and puts the service behind its messages.
"""
