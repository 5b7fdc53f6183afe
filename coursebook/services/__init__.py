"""One public function per use case. They return frozen views, never rows."""
