# One of two plugins that want the same port.
from http.server import BaseHTTPRequestHandler, HTTPServer

class TwinHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status":"Succeeded","output":{"twin":"a"}}')

HTTPServer(("", 9770), TwinHandler).serve_forever()
