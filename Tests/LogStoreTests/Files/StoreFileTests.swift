import Testing

@testable import FrameQueues
@testable import LogStore

@Suite struct StoreFileTests {
  @Test func aFileIsReadAsFarAsItGoes() throws {
    let disk = PowerCutDisk()
    let folder = StoreFolder(path: "/store", files: disk)
    #expect(try folder.openIfThere("a") == nil)
    let file = try folder.open("a", .createNew)
    try file.write([1, 2, 3], at: 2)
    #expect(try file.size() == 5)
    #expect(try file.read(10, at: 1) == [0, 1, 2, 3])
    #expect(try file.read(10, at: 5) == [])
    try file.truncate(to: 3)
    #expect(try folder.openIfThere("a")?.read(10, at: 0) == [0, 0, 1])
    #expect(throws: StoreError.file(FileError("open", 17, path: "/store/a"))) { try folder.open("a", .createNew) }
  }

  @Test func filesAreToldByTheirNames() throws {
    let folder = StoreFolder(path: "/store", files: PowerCutDisk())
    let names = [
      StoreFormat.segmentName(12), StoreFormat.segmentName(2), StoreFormat.headName(3), "LOCK", "1.seg",
      "0000000000000000000x.seg", "00000000000000000004.seg~",
    ]
    for name in names { _ = try folder.open(name, .createNew) }
    #expect(try folder.numbers(".seg") == [2, 12])
    #expect(try folder.numbers(".head") == [3])
  }

  @Test func memoryIsReadAsFilesAre() {
    let memory = BlockMemory([1, 2, 3])
    #expect(memory.read(2, at: 1) == [2, 3] && memory.read(5, at: 2) == [3] && memory.read(1, at: 3) == [])
    #expect(memory.read(1, at: -1) == [] && memory.read(-1, at: 0) == [])
  }
}
