import LogExport
import LogPipeline
import Testing

@testable import Gateway

@Suite struct LocalExporterOptionsTests {
  @Test func everyOptionOfAFileArrives() throws {
    let folder = try TemporaryFolder()
    let options = """
      path: \(folder.path)/new/logs.json
      append: false
      create_directory: true
      fsync: true
      rotation: {max_megabytes: 2, max_days: 3, max_backups: 4, localtime: true}
      format: flat
      max_line_size: 5MiB
      \(DeliveryOptionsTests.everyOption)
      """
    let (component, missing): (FileExporterOptions, _) = try component("file", options)
    #expect(missing == DeliveryOptionsTests.neverGiven)
    var sender = FileSenderOptions()
    sender.path = "\(folder.path)/new/logs.json"
    sender.truncates = true
    sender.createsDirectory = true
    sender.syncs = true
    var rotation = FileRotation()
    rotation.maxBytes = 2 << 20
    rotation.maxDays = 3
    rotation.maxBackups = 4
    rotation.usesLocalTime = true
    sender.rotation = rotation
    #expect(component.sender == sender)
    #expect(component.dialect.format == .flat && component.dialect.maxLineBytes == 5 << 20)
    #expect(component.delivery.loop == DeliveryOptionsTests.everyOptionRead)
  }

  @Test func theDefaultsAreThoseOfTheSender() throws {
    let folder = try TemporaryFolder()
    let (component, _): (FileExporterOptions, _) = try component("file", "path: \(folder.path)/a\nrotation:")
    var sender = FileSenderOptions()
    sender.path = "\(folder.path)/a"
    sender.rotation = FileRotation()
    #expect(component.sender == sender)
    #expect(component.dialect.format == .json && component.dialect.maxLineBytes == 16 << 20)
    #expect(component.delivery.queueBytes == 64 << 20)
  }

  @Test(arguments: [("basic", DebugDialect.Verbosity.basic), ("normal", .normal), ("detailed", .detailed)])
  func everyOptionOfDebugArrives(_ name: String, _ verbosity: DebugDialect.Verbosity) throws {
    let (component, missing): (DebugExporterOptions, _) = try component(
      "debug", "verbosity: \(name)\n\(DeliveryOptionsTests.everyOption)")
    #expect(missing == ["loglevel"] + DeliveryOptionsTests.neverGiven)
    #expect(component.verbosity == verbosity)
    #expect(component.delivery.loop == DeliveryOptionsTests.everyOptionRead)
  }

  @Test func debugHasASmallQueue() throws {
    let (component, _): (DebugExporterOptions, _) = try component("debug", "")
    #expect(component.delivery.queueBytes == 16 << 20)
  }
}
