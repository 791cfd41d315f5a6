import Options
import Testing

@testable import Gateway

@Suite struct DetectedResourceTests {
  private static var machine: Machine {
    var machine = Machine()
    machine.hostName = "web-1"
    machine.architecture = "amd64"
    machine.kernel = "Linux web-1 6.1 #1 x86_64"
    machine.environment = { ["K8S_NODE_NAME": "node-7", "OTHER": "node-8"][$0] }
    machine.file = { path in
      [
        "/etc/hosts": "127.0.0.1 localhost\n10.0.0.9\tweb-1.example.org web-1 # own\n",
        "/etc/os-release": "PRETTY_NAME=\"Debian 12\"\nNAME=\"Debian\"\nVERSION_ID=\"12\"\nVERSION=\"12 (bookworm)\"\n",
        "/etc/machine-id": "abc123\n",
      ][path]
    }
    return machine
  }

  /// What a processor with these options adds on the machine, as `a=b`.
  private func found(_ options: String, on machine: Machine = machine) throws -> [String] {
    let report = ConfigReport()
    let node = YAMLParser.parse(Array(options.utf8), source: "f.yaml", report: report)
    let reader = ConfigReader(try #require(node), path: "p", report: report)
    var wanted = DetectedResource.Wanted()
    wanted.only = Set(reader.list("attributes", of: .nonEmptyString, ""))
    reader.section("system", "") { wanted.readSystem($0) }
    reader.section("k8snode", "") { wanted.readNode($0) }
    let detectors = reader.list("detectors", of: .choice(ResourceDetectionOptions.Detector.env), "")
    #expect(report.errors.isEmpty)
    return DetectedResource(detectors, wanted, on: machine).attributes.map { "\($0.name)=\($0.value)" }
  }

  @Test func theSystemIsItsNameAndItsKindUnlessMoreIsAskedFor() throws {
    #expect(try found("{detectors: [system]}") == ["host.name=web-1.example.org", "os.type=linux"])
    #expect(
      try found("{detectors: [system], system: {hostname_sources: [os]}}") == ["host.name=web-1", "os.type=linux"])
    let all = DetectedResource.Wanted.known.map { "\($0): {enabled: true}" }.joined(separator: ", ")
    #expect(
      try found("{detectors: [system], system: {resource_attributes: {\(all)}}}") == [
        "host.name=web-1.example.org", "os.type=linux", "host.arch=amd64", "host.id=abc123",
        "os.description=Debian 12 (bookworm) (Linux web-1 6.1 #1 x86_64)", "os.name=Debian", "os.version=12",
      ])
    let one = "{detectors: [system], system: {resource_attributes: {host.name: {enabled: false}}}}"
    #expect(try found(one) == ["os.type=linux"])
  }

  @Test func aNameWithoutADomainIsTheSystems() throws {
    var machine = Self.machine
    machine.hostName = "other"
    #expect(try found("{detectors: [system]}", on: machine).first == "host.name=other")
    machine.file = { _ in nil }
    let all =
      "{detectors: [system], system: {resource_attributes: {host.id: {enabled: true}, os.name: {enabled: true}}}}"
    #expect(try found(all, on: machine) == ["host.name=other", "os.type=linux"])
  }

  @Test(arguments: [
    ("a=b,c=d", ["a=b", "c=d"]), (" a = b ,c=d=e", ["a=b", "c=d=e"]), ("a=%41%2Cx,b=%zz", ["a=A,x", "b=%zz"]),
    ("a,=b,c=", []), ("", []), ("a=1,a=2", ["a=1"]), ("a=%ff", ["a=%ff"]),
  ])
  func readsTheEnvironment(_ text: String, _ expected: [String]) throws {
    var machine = Self.machine
    machine.environment = { $0 == "OTEL_RESOURCE_ATTRIBUTES" ? text : nil }
    #expect(try found("{detectors: [env]}", on: machine) == expected)
  }

  /// As in the Collector, the first detector that knows an attribute counts.
  @Test func theFirstDetectorCounts() throws {
    var machine = Self.machine
    machine.environment = { $0 == "OTEL_RESOURCE_ATTRIBUTES" ? "host.name=given" : nil }
    #expect(try found("{detectors: [env, system]}", on: machine) == ["host.name=given", "os.type=linux"])
    #expect(
      try found("{detectors: [system, env]}", on: machine) == ["host.name=web-1.example.org", "os.type=linux"])
  }

  @Test func theNodeIsNamedByAVariable() throws {
    #expect(try found("{detectors: [k8snode]}") == ["k8s.node.name=node-7"])
    #expect(
      try found("{detectors: [kubernetes_node], k8snode: {node_from_env_var: OTHER}}") == ["k8s.node.name=node-8"])
    #expect(try found("{detectors: [k8snode], k8snode: {node_from_env_var: NONE}}") == [])
  }

  @Test func onlyWhatIsAskedForIsAdded() throws {
    #expect(try found("{detectors: [system], attributes: [os.type]}") == ["os.type=linux"])
  }

  @Test func thisMachineHasANameAndAKind() {
    let machine = Machine()
    #expect(!machine.hostName.isEmpty && !machine.architecture.isEmpty && machine.kernel.hasPrefix("Linux "))
    #expect(machine.firstLine(of: "/no/such/file") == nil && machine.file("/etc/passwd") != nil)
  }

  // MARK: The processor

  private func problems(_ options: String) -> [String] {
    standardProblems(
      """
      receivers: {otlp: }
      processors: {resourcedetection: \(options)}
      exporters: {nop: }
      service: {pipelines: {logs: {receivers: [otlp], processors: [resourcedetection], exporters: [nop]}}}
      """)
  }

  @Test(arguments: [
    "", "{detectors: [env, system], override: false, timeout: 5s}", "{detectors: 'env,system'}",
    "{detectors: [system], system: {hostname_sources: [os], resource_attributes: {host.id: {enabled: true}}}}",
  ])
  func takesWhatFilesOfTheCollectorHave(_ options: String) {
    #expect(problems(options) == [])
  }

  @Test func whatWouldHaveToBeAskedForAddsNothing() {
    let found = problems("{detectors: [gcp, ec2, system], ec2: {tags: [a]}}")
    #expect(found.count == 3 && found.allSatisfy { $0.contains("warning: ") }, "\(found)")
    #expect(found.contains { $0.contains("resourcedetection.detectors[1]: \"ec2\" adds nothing") })
    #expect(problems("{system: {resource_attributes: {host.ip: {enabled: true}}}}").first?.contains("host.ip") == true)
    #expect(problems("{detectors: [nosuch]}").count == 1)
  }

  @Test func withoutAnythingFoundThereIsNothingToDo() throws {
    let reader = { (yaml: String) -> ConfigReader in
      let report = ConfigReport()
      let node = YAMLParser.parse(Array(yaml.utf8), source: "f.yaml", report: report)
      return ConfigReader(node ?? ConfigNode(.null, at: ConfigPlace(source: "")), path: "", report: report)
    }
    #expect(ResourceDetectionOptions(reader("detectors: [env]")).makeProcessor(id: "p", on: Self.machine) == nil)
    #expect(ResourceDetectionOptions(reader("detectors: [system]")).makeProcessor(id: "p", on: Self.machine) != nil)
  }
}
