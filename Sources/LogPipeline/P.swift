package enum PlaceholderLogPipeline {}
