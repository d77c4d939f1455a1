"""The console 控制台: pages for people, over the node's HTTP API and nothing else.

A Starlette application beside the API, at every path that is not the API's. Each page is a module
of `node.console.pages` with a template and a table of texts of its name; all that a page knows it
asks over `node.console.api`, with the token of who looks at it, so that who may do what is decided
where it always is.

    CN1  A page is shown to who has signed in, and only where one of the account's roles may what
         the page is for; all else is the sign-in page, and `/static`
    CN2  A session's cookie is 32 random bytes, new at each sign-in, HttpOnly and SameSite=Strict,
         and Secure wherever TLS is spoken; what it stands for is in this process's memory alone
    CN3  What changes something is a POST with the session's own token in the form, from a page of
         this origin; without either it is refused before it is read further
    CN4  `next` leads to a path of this console, or to its first page
    CN5  Every answer forbids scripts, styles, frames and forms of others, and every inline one;
         none is kept by what stands between, and none guessed at
    CN6  What is shown is escaped, everywhere, and what cannot be seen in it is written out
    CN7  Each page is whole without script: htmx and charts only spare it a way
    CN8  A body is bounded, and so are its fields and the time that it takes
    CN9  Who signs in by the identity provider sets out by a form of ours and comes back with the
         cookie of that: another's answer, or one for another browser, opens nothing. What is
         opened is gone on to by a page of ours, since browsers keep session cookies from a
         request that another site began
"""
