-- One database for each node, owned by a role of its own; passwords are set by the operator (\password ROLE).
CREATE ROLE huxin_510500 LOGIN;
CREATE ROLE huxin_511500 LOGIN;
CREATE ROLE huxin_510000 LOGIN;
CREATE DATABASE huxin_510500 OWNER huxin_510500 ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE huxin_511500 OWNER huxin_511500 ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE huxin_510000 OWNER huxin_510000 ENCODING 'UTF8' TEMPLATE template0;
