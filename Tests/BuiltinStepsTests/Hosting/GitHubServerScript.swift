extension GitHubServer {
    /// A server with the repository `acme/app`: git by way of `git http-backend`, and GitHub's API for references,
    /// commits and pull requests, which works on the very repository.
    static let script = #"""
        import base64, json, os, subprocess, sys, threading
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        from urllib.parse import parse_qs, unquote, urlsplit

        root, token = sys.argv[1:3]
        repository = os.path.join(root, "acme", "app.git")
        lock = threading.Lock()
        logged = threading.Condition()
        state = {"races": 0, "log": [], "signed": [], "pulls": []}
        base_environment = {"PATH": os.environ["PATH"], "HOME": root, "GIT_CONFIG_NOSYSTEM": "1"}
        other = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
                 for what, value in (("NAME", "Other"), ("EMAIL", "other@example.com"))}

        class Refused(Exception):
            def __init__(self, status, message):
                self.status, self.message = status, message

        def git(*arguments, environment=None, data=None, codes=(0,)):
            done = subprocess.run(["git", "--git-dir", repository, *arguments], input=data, capture_output=True,
                                  env={**base_environment, **(environment or {})})
            if done.returncode not in codes:
                raise Refused(422, done.stderr.decode())
            return done.stdout.decode().strip() if len(codes) == 1 else done.returncode

        def push_as_other(branch):
            index = {"GIT_INDEX_FILE": os.path.join(root, "index"), **other}
            number = len(state["log"])
            blob = git("hash-object", "-w", "--stdin", data=b"other\n")
            git("read-tree", branch, environment=index)
            git("update-index", "--add", "--cacheinfo", f"100644,{blob},other-{number}", environment=index)
            tree = git("write-tree", environment=index)
            commit = git("commit-tree", "-p", branch, "-m", "other", tree, environment=index)
            git("update-ref", f"refs/heads/{branch}", commit)

        def reference(name):
            if git("show-ref", "--verify", "--quiet", name, codes=(0, 1, 128)) != 0:
                raise Refused(404, "Not Found")
            return {"ref": name, "object": {"type": "commit", "sha": git("rev-parse", name)}}

        def person(who, fields, environment):
            for name in ("name", "email", "date"):
                environment[f"GIT_{who}_{name.upper()}"] = fields[name]

        def create_commit(body):
            bot = {"name": "app[bot]", "email": "app@example.com", "date": "2026-01-01T00:00:00Z"}
            environment = {}
            author = body.get("author") or bot
            person("AUTHOR", author, environment)
            person("COMMITTER", body.get("committer") or author, environment)
            parents = [word for parent in body["parents"] for word in ("-p", parent)]
            commit = git("commit-tree", *parents, "-F", "-", body["tree"], environment=environment,
                         data=body["message"].encode())
            if "author" not in body:
                state["signed"].append(commit)
            return {"sha": commit}

        def compare(base, head, limit):
            common = git("merge-base", base, head)
            status = ("identical" if base == head else "ahead" if common == base
                      else "behind" if common == head else "diverged")
            commits = git("rev-list", "--reverse", f"{base}..{head}").split()
            return {"status": status, "total_commits": len(commits), "merge_base_commit": {"sha": common},
                    "commits": [{"sha": commit} for commit in commits[:limit]]}

        def update(name, body):
            old = reference(name)["object"]["sha"]
            if state["races"] > 0:
                state["races"] -= 1
                push_as_other(name.removeprefix("refs/heads/"))
                old = reference(name)["object"]["sha"]
            if not body.get("force") and git("merge-base", "--is-ancestor", old, body["sha"], codes=(0, 1)) != 0:
                raise Refused(422, "Update is not a fast forward")
            git("update-ref", name, body["sha"])
            return reference(name)

        def pull(entry):
            head = git("rev-parse", f"refs/heads/{entry['head']}")
            return {"number": entry["number"], "html_url": f"https://github.test/acme/app/pull/{entry['number']}",
                    "state": "open", "created_at": "2026-01-01T00:00:00Z", "merged_at": None,
                    "head": {"ref": entry["head"], "sha": head, "repo": {"id": 1}},
                    "base": {"ref": entry["base"], "sha": head, "repo": {"id": 1}}}

        def answer(method, path, query, body):
            if path[:5] != ["api", "v3", "repos", "acme", "app"]:
                raise Refused(404, "Not Found")
            path = path[5:]
            if path == []:
                return 200, {"default_branch": "main"}
            if path[0] == "compare":
                base, head = path[1].split("...")
                return 200, compare(base, head, int(query.get("per_page", 30)))
            if path == ["git", "commits"]:
                return 201, create_commit(body)
            if path[:2] == ["git", "ref"]:
                return 200, reference("refs/" + "/".join(path[2:]))
            if path == ["git", "refs"]:
                if git("show-ref", "--verify", "--quiet", body["ref"], codes=(0, 1, 128)) == 0:
                    raise Refused(422, "Reference already exists")
                git("update-ref", body["ref"], body["sha"])
                return 201, reference(body["ref"])
            if path[:2] == ["git", "refs"]:
                name = "refs/" + "/".join(path[2:])
                if method == "DELETE":
                    reference(name)
                    git("update-ref", "-d", name)
                    return 204, None
                return 200, update(name, body)
            if path == ["pulls"] and method == "POST":
                entry = {"number": len(state["pulls"]) + 1, **body}
                state["pulls"].append(entry)
                return 201, pull(entry)
            if path == ["pulls"]:
                return 200, [pull(entry) for entry in state["pulls"] if entry["base"] == query["base"]
                             and "acme:" + entry["head"] == query["head"]]
            if path[0] == "issues" and path[2] == "labels":
                state["pulls"][int(path[1]) - 1]["labels"] = body["labels"]
                return 200, []
            raise Refused(404, "Not Found")

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def body(self):
                if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                result = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    result += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return result

            def send(self, status, headers, data):
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def send_json(self, status, value):
                data = b"" if value is None else json.dumps(value).encode()
                self.send(status, [("Content-Type", "application/json")], data)

            def serve(self):
                url, data = urlsplit(self.path), self.body()
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                path = [unquote(piece) for piece in url.path.split("/") if piece]
                if path[0] == "control":
                    state.update(json.loads(data or b"{}"))
                    if stalled := state.get("awaited"):
                        with logged:
                            logged.wait_for(lambda: any(stalled in call for call in state["log"]), 60)
                    return self.send_json(200, state)
                if path[0] != "api":
                    return self.serve_git(url, data)
                with logged:
                    state["log"].append(f"{self.command} {url.path}")
                    logged.notify_all()
                if "stalled" in state and state["stalled"] in url.path:
                    threading.Event().wait()
                if self.headers.get("Authorization") != f"Bearer {token}":
                    return self.send_json(401, {"message": "Bad credentials"})
                try:
                    with lock:
                        status, value = answer(self.command, path, query, json.loads(data or b"{}"))
                except Refused as refused:
                    status, value = refused.status, {"message": refused.message}
                self.send_json(status, value)

            def serve_git(self, url, data):
                expected = base64.b64encode(f"kargo:{token}".encode()).decode()
                if self.headers.get("Authorization") != f"Basic {expected}":
                    return self.send(401, [("WWW-Authenticate", 'Basic realm="git"')], b"")
                environment = {
                    **base_environment, "GIT_PROJECT_ROOT": root, "GIT_HTTP_EXPORT_ALL": "1", "REMOTE_USER": "kargo",
                    "REMOTE_ADDR": "127.0.0.1", "PATH_INFO": unquote(url.path), "QUERY_STRING": url.query,
                    "REQUEST_METHOD": self.command, "CONTENT_LENGTH": str(len(data)),
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                }
                done = subprocess.run(["git", "http-backend"], input=data, capture_output=True, env=environment)
                head, _, content = done.stdout.partition(b"\r\n\r\n")
                headers = [line.split(": ", 1) for line in head.decode().split("\r\n")]
                status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
                self.send(status, [header for header in headers if header[0] != "Status"], content)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = serve

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_port, flush=True)
        sys.stdin.read()
        """#
}
