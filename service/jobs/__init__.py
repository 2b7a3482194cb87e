"""Jobs: the queue port, its Redis adapter over BullMQ and its in-memory fake."""
