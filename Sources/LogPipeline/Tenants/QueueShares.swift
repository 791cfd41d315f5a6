import Synchronization

/// How much of a queue is whose, to about a 256th of it.
///
/// What is appended is noted in pieces, oldest first, each with its end as a count of all bytes that ever came. A queue
/// gives bytes up from its front, so those before `came - queued` are gone, and pieces that end there with them. What
/// is sent out of turn counts a little too early. Nothing is remembered for each append: memory is bounded by pieces
/// times tenants.
package final class QueueShares: Sendable {
  private struct Piece {
    var end = 0
    var bytes = 0
    var holders: [ObjectIdentifier: Int] = [:]
  }

  private struct State {
    /// The last is the one that grows.
    var pieces: [Piece] = []
    var held: [ObjectIdentifier: (account: TenantAccount, bytes: Int)] = [:]
  }

  private static let pieceCount = 256
  private let pieceBytes: Int
  private let state = Mutex(State())

  package init(capacityBytes: Int) { pieceBytes = max(capacityBytes / Self.pieceCount, 1) }

  deinit {
    for holder in state.withLock({ $0.held.values }) { holder.account.add(queued: 0 &- holder.bytes) }
  }

  /// Pieces that are remembered, for tests.
  package var pieces: Int { state.withLock { $0.pieces.count } }

  /// Notes that a tenant has appended so many bytes, with which `came` have come in all.
  package func note(_ bytes: Int, of account: TenantAccount, came: Int) {
    if bytes <= 0 { return }
    account.add(queued: bytes)
    let id = ObjectIdentifier(account)
    state.withLock { state in
      if state.pieces.last.map({ $0.bytes >= pieceBytes }) ?? true { state.pieces.append(Piece()) }
      let last = state.pieces.count &- 1
      state.pieces[last].end = max(state.pieces[last].end, came)
      state.pieces[last].bytes &+= bytes
      state.pieces[last].holders[id, default: 0] &+= bytes
      state.held[id, default: (account, 0)].bytes &+= bytes
    }
  }

  /// What a tenant has in the queue, of whose bytes those before `front` are gone.
  package func bytes(of account: TenantAccount, front: Int) -> Int {
    state.withLock { state in
      Self.forget(before: front, in: &state)
      return state.held[ObjectIdentifier(account)]?.bytes ?? 0
    }
  }

  /// Forgets what is gone.
  package func forget(before front: Int) { state.withLock { Self.forget(before: front, in: &$0) } }

  private static func forget(before front: Int, in state: inout State) {
    guard let first = state.pieces.first, first.end <= front else { return }
    let gone = state.pieces.prefix { $0.end <= front }
    for piece in gone {
      for (id, bytes) in piece.holders {
        guard let holder = state.held[id] else { continue }
        holder.account.add(queued: 0 &- bytes)
        state.held[id] = holder.bytes > bytes ? (holder.account, holder.bytes &- bytes) : nil
      }
    }
    state.pieces.removeFirst(gone.count)
  }
}
