# CONSUL_HTTP_ADDR names the agent.
consul {
  # Consul may be away for as long as it likes: keep asking, keep the last good file.
  retry {
    enabled     = true
    attempts    = 0
    backoff     = "100ms"
    max_backoff = "2s"
  }
}

# The reloader is the child: it ends with consul-template, and SIGHUP tells it that something was rendered.
exec {
  command       = ["node", "--max-old-space-size=32", "--max-semi-space-size=1", "/usr/local/lib/reloader.js"]
  reload_signal = "SIGHUP"
  kill_signal   = "SIGTERM"
  kill_timeout  = "5s"
}

template {
  source      = "/etc/consul-template/templates/upstreams.conf.ctmpl"
  destination = "/srv/nginx/candidate/upstreams.conf"
  perms       = 0644
  # A burst of changes makes one render; a steady stream still makes one every 250 ms.
  wait {
    min = "10ms"
    max = "250ms"
  }
}
