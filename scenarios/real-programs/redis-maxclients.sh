exec redis-server --port 6379 --bind 0.0.0.0 --protected-mode no --tcp-backlog 10 --save "" --maxclients 1000
