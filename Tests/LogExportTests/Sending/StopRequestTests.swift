import LogExport
import Testing

@Suite struct StopRequestTests {
  @Test func isRaisedInTwoStages() {
    let stop = StopRequest()
    #expect(stop.stage == .none && !stop.isRaised)
    stop.raise()
    #expect(stop.stage == .inOrder && stop.isRaised)
    for _ in 0..<2 {
      stop.raise()
      #expect(stop.stage == .atOnce)
    }
  }

  @Test func whatIsAnnouncedIsNotRaisedYet() async {
    let stop = StopRequest()
    stop.raise(to: .announced)
    #expect(stop.stage == .announced && !stop.isRaised)
    await stop.reached(.announced)
    stop.raise()
    #expect(stop.stage == .inOrder && stop.isRaised)
    for stage in [StopRequest.Stage.announced, .inOrder] {
      stop.raise(to: stage)
      #expect(stop.stage == .inOrder)
    }
    stop.raise(to: .atOnce)
    #expect(stop.stage == .atOnce)
  }

  @Test func whoWaitsHearsOfItsStage() async {
    let stop = StopRequest()
    async let inOrder: Void = stop.reached(.inOrder)
    async let atOnce: Void = stop.reached(.atOnce)
    stop.raise()
    await inOrder
    stop.raise()
    await atOnce
    await stop.reached(.inOrder)
    await stop.reached(.atOnce)
  }

  @Test func aTaskThatIsCancelledWaitsNoLonger() async {
    let stop = StopRequest()
    for delay in [0, 20] {
      let task = Task { await stop.reached(.inOrder) }
      try? await Task.sleep(for: .milliseconds(delay))
      task.cancel()
      await task.value
    }
    #expect(!stop.isRaised)
  }
}
