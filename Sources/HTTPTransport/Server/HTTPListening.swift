import Glibc
import NIOCore
import NIOPosix

/// Opens the sockets of one port: one for every interface, two for `localhost`, else one.
struct HTTPListening {
  /// What is done for each socket; `isDual` for one that takes IPv4 and IPv6.
  let bootstrap: (_ isDual: Bool) -> ServerBootstrap
  let host: String
  let port: Int

  /// How often a port that the system chose for IPv4 may be taken for IPv6.
  private static let maxAttempts = 10

  func open() async throws -> [any Channel] {
    switch ListenHost(host) {
    case .everyInterface: [try await everyInterface()]
    case .loopback: try await loopback()
    case .one: [try await bootstrap(false).bind(host: host, port: port).get()]
    }
  }

  /// IPv4 alone where the machine has no IPv6.
  private func everyInterface() async throws -> any Channel {
    do {
      return try await bootstrap(true).bind(to: SocketAddress(ipAddress: "::", port: port)).get()
    } catch let error as IOError where Self.saysMissing(error) {
      return try await bootstrap(false).bind(to: SocketAddress(ipAddress: "0.0.0.0", port: port)).get()
    }
  }

  /// Both loopback addresses on one port, or the one that the machine has.
  private func loopback() async throws -> [any Channel] {
    for attempt in 1... {
      let first = try await one("127.0.0.1", port)
      do {
        let second = try await one("::1", first?.localAddress?.port ?? port)
        let listeners = [first, second].compactMap { $0 }
        if listeners.isEmpty { throw IOError(errnoCode: EADDRNOTAVAIL, reason: "bind") }
        return listeners
      } catch let error as IOError {
        try? await first?.close()
        if port != 0 || error.errnoCode != EADDRINUSE || attempt == Self.maxAttempts { throw error }
      }
    }
    return []
  }

  /// Nil if the machine does not have the address.
  private func one(_ address: String, _ port: Int) async throws -> (any Channel)? {
    do {
      return try await bootstrap(false).bind(to: SocketAddress(ipAddress: address, port: port)).get()
    } catch let error as IOError where Self.saysMissing(error) {
      return nil
    }
  }

  /// True if the machine has no such addresses, not just no room on the port.
  private static func saysMissing(_ error: IOError) -> Bool {
    [EADDRNOTAVAIL, EAFNOSUPPORT, EPROTONOSUPPORT].contains(error.errnoCode)
  }
}
