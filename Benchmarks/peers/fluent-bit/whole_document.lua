-- Moves what stands beside a record (severity, ids, attributes, resource) into it.
function whole(tag, timestamp, group, metadata, record)
  local otlp = metadata.otlp
  if otlp ~= nil then
    for _, key in ipairs({"severity_text", "severity_number", "trace_id", "span_id", "trace_flags", "attributes"}) do
      record[key] = otlp[key]
    end
  end
  if group ~= nil then
    record.resource = group.resource
    record.scope = group.scope
  end
  return 1, timestamp, metadata, record
end
