import LogPipeline
import Logging

/// Says in the log which statements and conditions fail: the first time within a second, then at most once in ten
/// seconds for each, with how often they did.
final class StatementLog: Sendable {
  /// How often statements are asked.
  private static let interval = Duration.seconds(1)
  /// In how many of these a statement is told of once.
  private static let quietRounds = 10

  private let users: [any StatementUser]
  private let logger: Logger

  init(of users: [any StatementUser], logger: Logger) {
    self.users = users.filter { !$0.statements.isEmpty }
    self.logger = logger
  }

  /// Asks again and again until the task is cancelled.
  func run() async {
    if users.isEmpty { return }
    var said = Said(users)
    while (try? await Task.sleep(for: Self.interval)) != nil { tell(&said) }
    tell(&said)
  }

  /// What was told so far, by the paths of statements' options.
  struct Said {
    fileprivate var faults: [String: Int] = [:]
    /// The round in which a statement was told of last.
    fileprivate var rounds: [String: Int] = [:]
    fileprivate var round = 0

    /// What has happened so far is not told any more.
    init(_ users: [any StatementUser]) {
      for statement in users.flatMap(\.statements) { faults[statement.place] = statement.faults }
    }
  }

  /// Tells of statements that have failed since they were told of last.
  func tell(_ said: inout Said) {
    said.round &+= 1
    for user in users {
      for statement in user.statements where statement.isTold {
        let (faults, before) = (statement.faults, said.faults[statement.place, default: 0])
        if faults == before { continue }
        if let last = said.rounds[statement.place], said.round &- last < Self.quietRounds { continue }
        said.faults[statement.place] = faults
        said.rounds[statement.place] = said.round
        logger.warning(
          "a statement failed",
          metadata: [
            "component": "\(user.id)", "statement": "\(statement.place)", "times": "\(faults &- before)",
            "cause": "\(statement.lastFault ?? "")",
          ])
      }
    }
  }
}
