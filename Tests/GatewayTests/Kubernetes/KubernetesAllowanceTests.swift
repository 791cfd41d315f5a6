import Testing

@testable import Gateway

@Suite struct KubernetesAllowanceTests {
  private let limits = KubernetesAllowance.Limits(
    objects: 10, bytes: 1000, objectsEachSecond: 2, bytesEachSecond: 100, time: .seconds(60))

  private func told(_ pieces: (bytes: Int, objects: Int, second: Int)...) -> String? {
    var allowance = KubernetesAllowance("the watch of pods", limits, at: .seconds(100))
    do throws(KubernetesFailure) {
      for piece in pieces {
        try allowance.charge(bytes: piece.bytes, objects: piece.objects, at: .seconds(100 + piece.second))
      }
      return nil
    } catch {
      #expect(error.isExcess && error.retryAfter == .seconds(30))
      return error.reason
    }
  }

  @Test func soMuchMayComeAndNoMore() {
    #expect(told((1000, 10, 0)) == nil)
    #expect(told((100, 10, 0), (100, 1, 0)) == "the watch of pods has at least 11 objects after 0 s: the limit is 10")
    #expect(told((1001, 1, 0)) == "the watch of pods has at least 1001 bytes after 0 s: the limit is 1000")
  }

  @Test func moreMayComeWithTime() {
    #expect(told((1000, 10, 0), (500, 10, 5)) == nil)
    #expect(told((1000, 10, 0), (500, 11, 5)) == "the watch of pods has at least 21 objects after 5 s: the limit is 20")
    #expect(
      told((1000, 10, 0), (501, 1, 5)) == "the watch of pods has at least 1501 bytes after 5 s: the limit is 1500")
  }

  @Test func shortPiecesCountAsMore() {
    var allowance = KubernetesAllowance("x", limits, at: .zero)
    for _ in 0..<15 { #expect(throws: Never.self) { try allowance.charge(bytes: 1, objects: 0, at: .zero) } }
    #expect(throws: KubernetesFailure.self) { try allowance.charge(bytes: 1, objects: 0, at: .zero) }
  }

  @Test func itHasItsTime() {
    #expect(told((1, 1, 60)) == nil)
    #expect(told((1, 1, 61)) == "the watch of pods has no end after 61 s: the limit is 60.0 seconds")
  }
}
