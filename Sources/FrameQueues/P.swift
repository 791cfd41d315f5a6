package enum PlaceholderFrameQueues {}
