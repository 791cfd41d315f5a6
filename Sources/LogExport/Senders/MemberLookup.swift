import Glibc
package import LogPipeline
import Synchronization

/// How members are found by a name (`resolver.dns`).
package struct MemberLookupOptions: Sendable, Equatable {
  /// The name that is looked up (`hostname`).
  package var hostname = ""
  /// The port of every member (`port`). Default 4317.
  package var port = 4317
  /// How long one answer counts (`interval`). Default 5 s.
  package var interval: Duration = .seconds(5)
  /// How long an answer is waited for (`timeout`). Default 1 s.
  package var timeout: Duration = .seconds(1)

  package init() {}
}

/// Looks a name up now and then: its addresses are the members. Where it has none, or nobody answers, what was known
/// stays.
package final class MemberLookup: Sendable {
  /// Gives the addresses of a name; it may block.
  package typealias Resolve = @Sendable (_ hostname: String) throws(MemberLookupError) -> [String]

  private struct State {
    var task: Task<Void, Never>?
    var problem: String?
  }

  private let options: MemberLookupOptions
  private let resolve: Resolve
  private let thread = FileThread()
  private let state = Mutex(State())

  package init(_ options: MemberLookupOptions, resolve: @escaping Resolve = MemberLookup.addresses) {
    self.options = options
    self.resolve = resolve
  }

  /// Why the last answer was none; nil if it was one.
  package var problem: String? { state.withLock { $0.problem } }

  /// Looks up until `stop`. A name that has no members yet is looked up each second at least.
  package func start(for table: MemberTable) {
    let task = Task { [self] in
      while !Task.isCancelled {
        await look(for: table)
        let wait = table.ring.members.isEmpty ? min(options.interval, .seconds(1)) : options.interval
        do { try await Task.sleep(for: wait) } catch { break }
      }
    }
    state.withLock { $0.task = task }
  }

  package func stop() async {
    state.withLock { $0.task }?.cancel()
    await thread.stop(within: .milliseconds(1)) {}
  }

  /// Looks up once.
  package func look(for table: MemberTable) async {
    do throws(MemberLookupError) {
      let found = try await found()
      state.withLock { $0.problem = nil }
      table.set(found)
    } catch {
      state.withLock { $0.problem = "\(options.hostname): \(error)" }
    }
  }

  private func found() async throws(MemberLookupError) -> [String] {
    let (options, resolve, thread) = (options, resolve, thread)
    let result = await withTaskGroup(of: Result<[String], MemberLookupError>?.self) { group in
      group.addTask {
        try? await thread.run { () -> Result<[String], MemberLookupError> in
          do throws(MemberLookupError) {
            return .success(try resolve(options.hostname))
          } catch {
            return .failure(error)
          }
        }
      }
      group.addTask {
        try? await Task.sleep(for: options.timeout)
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
    guard let result else { throw MemberLookupError("no answer within \(options.timeout)") }
    let addresses = Set(try result.get()).sorted()
    if addresses.isEmpty { throw MemberLookupError("it has no addresses") }
    if addresses.count > Self.maxMembers {
      throw MemberLookupError("it has \(addresses.count) addresses: the limit is \(Self.maxMembers)")
    }
    return addresses.map { "\(Endpoint.bracketed($0)):\(options.port)" }
  }

  /// The most members.
  package static let maxMembers = 1024

  /// The addresses of a name as the system knows them.
  package static func addresses(of hostname: String) throws(MemberLookupError) -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    let status = getaddrinfo(hostname, nil, &hints, &first)
    defer { if let first { freeaddrinfo(first) } }
    guard status == 0 else { throw MemberLookupError(String(cString: gai_strerror(status))) }
    var found: [String] = []
    var next = first
    while let entry = next?.pointee {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      if getnameinfo(entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
        found.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
      next = entry.ai_next
    }
    return found
  }
}

/// Why a name has no members now.
package struct MemberLookupError: Error, Sendable, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
