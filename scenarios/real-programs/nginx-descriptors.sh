cat > nginx.conf <<'CONF'
daemon off;
user root;
pid nginx.pid;
error_log stderr;
worker_processes 1;
worker_rlimit_nofile 64;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server { listen 8080 backlog=20; }
}
CONF
PATH=$PATH:/usr/sbin
exec nginx -p "$PWD" -c nginx.conf
