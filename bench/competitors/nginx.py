"""nginx, forwarding bodies and answers as they come, with kept-alive connections both ways: what everything is compared with. (With bodies
buffered first it needs more for those of 2 MB.)"""
from peer import Peer, need_program

CONFIG = """{modules}
daemon off;
master_process off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_max_body_size 32m;
  {bodies}
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  tcp_nodelay on;
  upstream search {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      {location}
      proxy_pass http://search;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffer_size 64k;
      proxy_buffers 8 64k;
      proxy_max_temp_file_size 0;
    }}
  }}
}}
"""


class Nginx(Peer):
    name, title, kind = "nginx", "nginx, passes on", "passes"
    modules = location = ""
    bodies = "client_body_buffer_size 64k; proxy_request_buffering off;"

    def prepare(self):
        self.program = need_program("nginx")

    def command(self, port, upstream, folder):
        (folder / "conf").write_text(CONFIG.format(folder=folder, upstream=upstream, port=port, modules=self.modules, bodies=self.bodies,
                                                   location=self.location))
        return [self.program, "-p", folder, "-c", folder / "conf"]


PEER = Nginx()
