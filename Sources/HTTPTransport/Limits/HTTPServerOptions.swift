package import NIOSSL

/// How a server listens and what it allows its clients; every member has a default.
package struct HTTPServerOptions: Sendable {
  /// Address to bind (`ListenHost`). Default every interface.
  package var host = ""
  /// Port to bind; 0 lets the system choose. Default 0.
  package var port = 0
  /// What the service knows the port by (`HTTPRequestHead.listener`). Default 0.
  package var listener = 0
  /// Whether to listen beside a server that has the port and is about to leave it (`HTTPServer.makeWay`). Default no.
  package var isBesideAnother = false
  /// TLS of a connection that comes now, or nil for clear text; the context is to offer ALPN `h2` and `http/1.1`.
  /// Default nil.
  package var tls: (@Sendable () -> NIOSSLContext)?
  /// The proxies whose word is taken for where senders are. Default none.
  package var proxies = TrustedProxies()
  /// Told of handshakes that fail, also those that a client begins on a clear-text port; on an event loop. Default nil.
  package var handshakeFailed: (@Sendable (HandshakeFailure) -> Void)?
  /// Connections open at once; further ones are closed on arrival. Default 10,000.
  package var maxConnections = 10_000
  /// A connection whose descriptor is not below this is closed on arrival. The system gives the lowest number that is
  /// free, so that all below are in use, and those above are left to others. Default no limit.
  package var maxDescriptor = Int.max
  /// Told of each connection that is closed on arrival or cannot be taken now, and why; called on any thread.
  package var turnedAway: (@Sendable (HTTPAbuse) -> Void)?
  /// Connections the kernel queues before they are accepted. Default 1024.
  package var acceptQueueLength = 1024
  /// TCP keep-alive probes. Default on.
  package var tcpKeepAlive = true
  /// No Nagle delay. Default on.
  package var tcpNoDelay = true
  /// From connecting (or the last answer's next byte) to a complete head, TLS handshake included. Default 10 s.
  package var headerTimeout: Duration = .seconds(10)
  /// Longest wait for `minBodyProgressBytes` more of a body. Default 15 s.
  package var bodyTimeout: Duration = .seconds(15)
  /// Least bytes of a body in each `bodyTimeout`. Default 1024.
  package var minBodyProgressBytes = 1024
  /// A connection without a request for so long is closed. Default 5 min.
  package var idleTimeout: Duration = .seconds(300)
  /// A client that takes none of an answer's bytes for so long is cut off. Default 30 s.
  package var writeTimeout: Duration = .seconds(30)
  /// Names and values of a request's header fields, with 32 bytes for each field (RFC 9113 section 6.5.2).
  /// Default 32 KiB. Over HTTP/1.1 the target counts too, and the 32 bytes do not.
  package var maxHeaderBytes = 32 * 1024
  /// Header fields of a request. Default 100.
  package var maxHeaderCount = 100
  /// Bytes of a refused HTTP/1.1 body that are read and dropped so that the client can read its answer.
  /// Default 1 MiB.
  package var maxDrainBytes = 1024 * 1024
  /// How long that reading goes on; of HTTP/2 too, for a body that is declared to fit its stream's window.
  /// Default 5 s.
  package var drainTimeout: Duration = .seconds(5)
  /// A connection older than this (give or take a tenth) is closed gracefully, so that clients spread over
  /// replicas; nil never does. Default 5 min.
  package var maxConnectionAge: Duration? = .seconds(300)
  /// Time that requests in flight on such a connection have to finish. Default 30 s.
  package var maxConnectionAgeGrace: Duration = .seconds(30)
  /// Limits of HTTP/2 connections.
  package var http2 = HTTP2Limits()

  package init() {}
}
