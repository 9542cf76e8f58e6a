-- The trial's passwords, before 2-users.sql would have the server make some up.
CREATE USER 'tributary'@'%' IDENTIFIED BY 'tributary';
CREATE USER 'tributary_monitor'@'%' IDENTIFIED BY 'tributary_monitor';
CREATE USER 'reports'@'%' IDENTIFIED BY 'reports';
