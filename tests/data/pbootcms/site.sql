-- 一个小网站的 PbootCMS 表，我们自己写的。MySQL 与 SQLite 都读得懂这些语句。
CREATE TABLE `ay_area` (
  `id` integer NOT NULL,
  `acode` varchar(20) NOT NULL,
  `name` varchar(50) NOT NULL,
  `is_default` char(1) NOT NULL DEFAULT '0',
  PRIMARY KEY (`id`)
);
CREATE TABLE `ay_config` (
  `id` integer NOT NULL,
  `name` varchar(30) NOT NULL,
  `value` varchar(200) NOT NULL,
  PRIMARY KEY (`id`)
);
CREATE TABLE `ay_site` (
  `id` integer NOT NULL,
  `acode` varchar(20) NOT NULL,
  `title` varchar(100) NOT NULL,
  `domain` varchar(50) NOT NULL,
  PRIMARY KEY (`id`)
);
CREATE TABLE `ay_model` (
  `id` integer NOT NULL,
  `mcode` varchar(20) NOT NULL,
  `name` varchar(50) NOT NULL,
  `type` char(1) NOT NULL DEFAULT '2',
  `urlname` varchar(100) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`)
);
CREATE TABLE `ay_content_sort` (
  `id` integer NOT NULL,
  `acode` varchar(20) NOT NULL,
  `mcode` varchar(20) NOT NULL,
  `pcode` varchar(20) NOT NULL,
  `scode` varchar(20) NOT NULL,
  `name` varchar(100) NOT NULL,
  `outlink` varchar(100) NOT NULL,
  `title` varchar(100) NOT NULL,
  `description` varchar(500) NOT NULL,
  `filename` varchar(30) NOT NULL,
  PRIMARY KEY (`id`)
);
CREATE TABLE `ay_content` (
  `id` integer NOT NULL,
  `acode` varchar(20) NOT NULL,
  `scode` varchar(20) NOT NULL,
  `title` varchar(100) NOT NULL,
  `filename` varchar(50) NOT NULL,
  `author` varchar(30) NOT NULL,
  `source` varchar(30) NOT NULL,
  `outlink` varchar(100) NOT NULL,
  `date` datetime NOT NULL,
  `ico` varchar(100) NOT NULL,
  `pics` varchar(1000) NOT NULL,
  `content` mediumtext NOT NULL,
  `tags` varchar(500) NOT NULL,
  `enclosure` varchar(100) NOT NULL,
  `keywords` varchar(200) NOT NULL,
  `description` varchar(500) NOT NULL,
  `status` char(1) NOT NULL DEFAULT '1',
  `istop` char(1) NOT NULL DEFAULT '0',
  `visits` integer NOT NULL DEFAULT '0',
  `update_time` datetime NOT NULL,
  `gid` varchar(20) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`)
);
INSERT INTO `ay_area` (`id`,`acode`,`name`,`is_default`) VALUES ('1','cn','中文','1'),('2','en','英文','0');
INSERT INTO `ay_config` (`id`,`name`,`value`) VALUES ('1','url_rule_type','3'),('2','smtp_password','不该有人读这一行');
INSERT INTO `ay_site` (`id`,`acode`,`title`,`domain`) VALUES ('1','cn','鹏程劳务','www.pengcheng-laowu.example'),('2','en','Pengcheng','en.pengcheng-laowu.example');
INSERT INTO `ay_model` (`id`,`mcode`,`name`,`type`,`urlname`) VALUES ('1','1','专题','1','about'),('2','2','新闻','2','list');
INSERT INTO `ay_content_sort` (`id`,`acode`,`mcode`,`pcode`,`scode`,`name`,`outlink`,`title`,`description`,`filename`) VALUES
('1','cn','1','0','1','公司简介','','','','aboutus'),
('3','cn','2','2','3','用工政策','','','',''),
('2','cn','2','0','2','新闻中心','','','派遣与外包的消息 &amp; 政策','news'),
('4','en','2','0','4','News','','','','ennews');
INSERT INTO `ay_content` (`id`,`acode`,`scode`,`title`,`filename`,`author`,`source`,`outlink`,`date`,`ico`,`pics`,`content`,`tags`,`enclosure`,`keywords`,`description`,`status`,`istop`,`visits`,`update_time`,`gid`) VALUES
('1','cn','1','公司简介（旧）','','admin','本站','','2018-04-11 17:26:11','','','<p>我们成立于二〇一〇年。</p>','','','','','1','0','26','2018-04-11 17:26:11',''),
('2','cn','1','公司简介','','admin','本站','','2019-05-01 09:00:00','','','<p>我们成立于二〇一〇年，在宝安设有三家门店。</p>','','','','','1','0','26','2019-05-01 09:00:00',''),
('3','cn','2','招工旺季&amp;用工成本','','小林','深圳晚报','','2021-02-18 08:30:00','/static/upload/image/20210218/a.jpg','/static/upload/image/20210218/b.jpg,/static/upload/image/20210218/c.jpg','&lt;p&gt;旺季招工，&lt;strong&gt;提前两周&lt;/strong&gt;备人。&lt;/p&gt;','招工，旺季','/static/upload/file/20210218/表格.docx','用工','节后两周是招工最紧的时候。','1','1','900','2021-03-01 10:00:00',''),
('4','cn','3','社保基数调整','shebao-jishu','小林','','','2022-07-01 00:00:00','','','<p>七月起执行新的社保基数。{pboot:if(1)}</p>','','','社保,基数','七月起执行新的社保基数。','1','0','5','2022-07-01 00:00:00',''),
('5','cn','3','没写完的稿子','','','','','0000-00-00 00:00:00','','','','','','','','0','0','0','0000-00-00 00:00:00',''),
('6','cn','3','会员才能看的报价','','','','','2022-08-01 00:00:00','','','<p>派遣管理费见附件。</p>','','','','','1','0','0','2022-08-01 00:00:00','2'),
('7','cn','2','去官网看','','','','https://hrss.example/news/1','2022-08-01 00:00:00','','','','','','','','1','0','0','2022-08-01 00:00:00',''),
('8','en','4','Hiring season','','','','','2022-08-01 00:00:00','','','','','','','','1','0','0','2022-08-01 00:00:00','');
