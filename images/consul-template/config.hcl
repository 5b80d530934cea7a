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

# A Consul that lost its data begins to count anew: a query that waits for the old count sees no change until it ends. Default 60s.
block_query_wait = "5s"

# The reloader is the child: it ends with consul-template, and the signal tells it that something was rendered.
# WINCH, which a process ignores until it listens: HUP would end a Node that is still starting.
exec {
  command       = ["node", "--max-old-space-size=24", "--max-semi-space-size=1", "--v8-pool-size=0", "/usr/local/lib/reloader.js"]
  reload_signal = "SIGWINCH"
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
