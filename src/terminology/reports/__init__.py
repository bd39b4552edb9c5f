"""What people read: tables, CSV and self-contained HTML pages made of answers."""
