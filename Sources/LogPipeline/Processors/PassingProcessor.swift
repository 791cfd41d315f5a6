/// A processor that does nothing to records, since what it says has its effect elsewhere. It is a step like any other
/// so that what comes by is counted.
package struct PassingProcessor: Processor {
  package let id: String

  package init(id: String) { self.id = id }

  package func process(_ batch: inout LogBatch, of request: inout RequestContext) throws(ProcessorRefusal) {}
}
