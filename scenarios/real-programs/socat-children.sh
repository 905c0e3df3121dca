exec socat TCP4-LISTEN:8080,reuseaddr,fork,max-children=5,backlog=3 PIPE
