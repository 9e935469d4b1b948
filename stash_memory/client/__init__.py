"""The library's surface, Stash and AsyncStash, and the keepers that do their work, in process or over HTTP.

A method makes an operation (`namespace`, `operations`), and a keeper does it: `embedded` on a Store, `hosted` over HTTP
as `wire` describes it. Several operations in a row are a procedure, which sync and async code both drive.
"""
