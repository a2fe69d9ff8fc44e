"""What a result does beside holding tables: it draws, grows, and is handed to other tools."""
