"""The library's surface: Stash and AsyncStash, and what does their work, in process or over HTTP.

A method makes an operation (`namespace`, `operations`), which a keeper does: `embedded` on a Store, `hosted` over
HTTP as `wire` describes it. What takes several operations is a procedure that sync and async code both drive.
"""
