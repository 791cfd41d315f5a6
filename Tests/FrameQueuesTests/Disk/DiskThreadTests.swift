import Glibc
import Synchronization
import Testing

@testable import FrameQueues

@Suite(.timeLimit(.minutes(1))) struct DiskThreadTests {
  private final class Rounds: Sendable {
    private let state = Mutex((count: 0, inside: 0, most: 0))

    var count: Int { state.withLock { $0.count } }
    /// Rounds that were under way at once at most.
    var most: Int { state.withLock { $0.most } }

    func run(microseconds: UInt32 = 0) {
      state.withLock { state in
        state.count += 1
        state.inside += 1
        state.most = max(state.most, state.inside)
      }
      usleep(microseconds)
      state.withLock { $0.inside -= 1 }
    }
  }

  private func eventually(_ isSo: () -> Bool) -> Bool {
    for _ in 0..<5000 where !isSo() { usleep(1000) }
    return isSo()
  }

  private let idle = DiskThread.Outcome(due: nil, pause: .zero)

  @Test func aRoundIsMadeWhenItIsAskedForAndNotBefore() {
    let (thread, rounds, idle) = (DiskThread(), Rounds(), idle)
    #expect(
      thread.start(takingShortTurns: true) { _ in
        rounds.run()
        return idle
      })
    usleep(20_000)
    #expect(rounds.count == 0 && thread.isRunning)
    for number in 1...3 {
      thread.raise()
      #expect(eventually { rounds.count == number })
    }
    thread.stopAndWait()
    #expect(!thread.isRunning && rounds.count == 3)
  }

  @Test func manyCallsDuringARoundComeToOneMore() {
    let (thread, rounds, idle) = (DiskThread(), Rounds(), idle)
    _ = thread.start(takingShortTurns: false) { _ in
      rounds.run(microseconds: 100_000)
      return idle
    }
    thread.raise()
    #expect(eventually { rounds.count == 1 })
    for _ in 0..<100 { thread.raise() }
    thread.stopAndWait()
    #expect(rounds.count <= 2 && rounds.most == 1)
  }

  @Test func aRoundThatIsDueComesByItself() {
    let (thread, rounds) = (DiskThread(), Rounds())
    let began = monotonicNow()
    _ = thread.start(takingShortTurns: false) { now in
      rounds.run()
      return rounds.count < 4 ? DiskThread.Outcome(due: now + .milliseconds(20), pause: .zero) : nil
    }
    thread.raise()
    #expect(eventually { !thread.isRunning })
    #expect(rounds.count == 4 && monotonicNow() - began >= .milliseconds(60))
  }

  @Test func duringAPauseNobodyIsHeard() {
    let (thread, rounds) = (DiskThread(), Rounds())
    let began = monotonicNow()
    _ = thread.start(takingShortTurns: false) { _ in
      rounds.run()
      return rounds.count < 3 ? DiskThread.Outcome(due: nil, pause: .milliseconds(50)) : nil
    }
    while thread.isRunning {
      thread.raise()
      usleep(1000)
    }
    #expect(rounds.count == 3 && monotonicNow() - began >= .milliseconds(100))
  }

  @Test func stoppingWaitsForTheRoundThatIsUnderWay() {
    let (thread, rounds, idle) = (DiskThread(), Rounds(), idle)
    let done = Done()
    _ = thread.start(takingShortTurns: false) { _ in
      rounds.run(microseconds: 100_000)
      done.isDone.store(true, ordering: .releasing)
      return idle
    }
    thread.raise()
    #expect(eventually { rounds.count == 1 })
    thread.stopAndWait()
    #expect(done.isDone.load(ordering: .acquiring) == true)
    // It is over: what is asked for now comes to nothing.
    thread.raise()
    usleep(10_000)
    #expect(rounds.count == 1)
  }

  private final class Done: Sendable { let isDone = Atomic(false) }
}
