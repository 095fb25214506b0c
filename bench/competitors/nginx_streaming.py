"""nginx that gives answers on as they come instead of filling its buffers first: what first bytes are compared with."""
from nginx import Nginx


class NginxStreaming(Nginx):
    name, title = "nginx_streaming", "nginx without buffers, passes on"
    location = "proxy_buffering off;"


PEER = NginxStreaming()
