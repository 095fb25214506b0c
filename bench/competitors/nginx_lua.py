"""nginx with Lua: the filter put in by decoding and encoding the body with cjson. It is lossy (`[]` becomes `{}`), which the bodies here do not show."""
import pathlib

from nginx import Nginx
from peer import Missing

MODULES = pathlib.Path("/usr/lib/nginx/modules")
LUA = """
local cjson = require "cjson"
cjson.encode_sparse_array(true)
cjson.encode_number_precision(14)
local filter = cjson.decode('{"term":{"team":{"value":"payments"}}}')
local function wrapped(text)
  local body = cjson.decode(text)
  body.query = {bool = {filter = {filter}, must = {body.query}}}
  return cjson.encode(body)
end
ngx.req.read_body()
local body = ngx.req.get_body_data()
if ngx.var.uri:find("_msearch", 1, true) then
  local out, header = {}, true
  for line in body:gmatch("[^\\n]+") do
    out[#out + 1] = header and line or wrapped(line)
    header = not header
  end
  out[#out + 1] = ""
  ngx.req.set_body_data(table.concat(out, "\\n"))
else
  ngx.req.set_body_data(wrapped(body))
end
"""


class NginxLua(Nginx):
    name, title, kind = "nginx_lua", "nginx + Lua, rewrites (cjson)", "rewrites"
    bodies = "client_body_buffer_size 4m;"
    modules = f"load_module {MODULES}/ndk_http_module.so;\nload_module {MODULES}/ngx_http_lua_module.so;"

    def prepare(self):
        super().prepare()
        if not (MODULES / "ngx_http_lua_module.so").exists():
            raise Missing("the package libnginx-mod-http-lua is not installed (tests/support/setup bench)")

    def command(self, port, upstream, folder):
        script = folder / "wrap.lua"
        script.write_text(LUA)
        self.location = f"rewrite_by_lua_file {script};"
        return super().command(port, upstream, folder)


PEER = NginxLua()
